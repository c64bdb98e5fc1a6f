/* SPDX-License-Identifier: MIT */
/* The paths of Windows in tell_windows, instead of those of the library. */
#include "base/system.h"

#define CV_WINDOWS 1
#include "../../src/base/path.c"

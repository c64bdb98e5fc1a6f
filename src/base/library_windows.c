/* SPDX-License-Identifier: MIT */
#include "base/library_windows.h"

#include <string.h>
#include <windows.h>

bool cv_system_function(const wchar_t *library, const char *name, void *ret)
{
	HMODULE module = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	FARPROC function = module ? GetProcAddress(module, name) : NULL;

	memcpy(ret, &function, sizeof(function));
	return function != NULL;
}

/* SPDX-License-Identifier: MIT */
#ifndef CV_BASE_EMBED_H
#define CV_BASE_EMBED_H

#include <stddef.h>

/*
 * Files that tools/embed.c turns into arrays at build time. Each ends with a NUL, which is not
 * counted in its length.
 */
#define CV_EMBEDDED(name)         \
	extern const char name[]; \
	extern const size_t name##_len;

CV_EMBEDDED(cv_embed_probe_py)
CV_EMBEDDED(cv_embed_probe_windows_py)
CV_EMBEDDED(cv_embed_compile_py)
CV_EMBEDDED(cv_embed_activate)
CV_EMBEDDED(cv_embed_activate_csh)
CV_EMBEDDED(cv_embed_activate_fish)
CV_EMBEDDED(cv_embed_activate_bat)
CV_EMBEDDED(cv_embed_activate_nu)
CV_EMBEDDED(cv_embed_activate_ps1)
CV_EMBEDDED(cv_embed_activate_this_py)
CV_EMBEDDED(cv_embed_activate_xsh)
CV_EMBEDDED(cv_embed_cv_bash)
CV_EMBEDDED(cv_embed_cv_fish)
CV_EMBEDDED(cv_embed_cv_ps1)
CV_EMBEDDED(cv_embed_cv_sh)
CV_EMBEDDED(cv_embed_cv_zsh)
CV_EMBEDDED(cv_embed_cvenv_bash)
CV_EMBEDDED(cv_embed_cvenv_fish)
CV_EMBEDDED(cv_embed_cvenv_nu)
CV_EMBEDDED(cv_embed_cvenv_ps1)
CV_EMBEDDED(cv_embed_cvenv_zsh)
CV_EMBEDDED(cv_embed_deactivate_bat)
CV_EMBEDDED(cv_embed_locate_bat)
CV_EMBEDDED(cv_embed_locate_fish)
CV_EMBEDDED(cv_embed_locate_nu)
CV_EMBEDDED(cv_embed_locate_py)
CV_EMBEDDED(cv_embed_locate_sh)
CV_EMBEDDED(cv_embed_place_bat)
CV_EMBEDDED(cv_embed_place_fish)
CV_EMBEDDED(cv_embed_place_sh)
CV_EMBEDDED(cv_embed_pydoc_bat)

#endif

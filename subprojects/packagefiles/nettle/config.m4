dnl SPDX-License-Identifier: MIT
dnl For nettle's assembler files. meson.build defines srcdir, and FORMAT: elf, macho or coff.
define(`SYMBOL_PREFIX', ifelse(FORMAT, macho, `_'))dnl
define(`ELF_STYLE', ifelse(FORMAT, elf, yes, no))dnl
define(`COFF_STYLE', ifelse(FORMAT, coff, yes, no))dnl
define(`W64_ABI', ifelse(FORMAT, coff, yes, no))dnl
define(`TYPE_FUNCTION', `@function')dnl
define(`ALIGN_LOG', ifelse(FORMAT, macho, yes, no))dnl
define(`ASM_X86_ENDBR', ifelse(FORMAT, elf, `endbr64'))dnl
divert(1)
ifelse(FORMAT, elf, `.section .note.GNU-stack,"",@progbits')
divert

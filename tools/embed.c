/* SPDX-License-Identifier: MIT */
/*
 * Converts a file to a C source that defines it as an array, at build time:
 *
 *	embed NAME INPUT OUTPUT
 *
 * defines `const char NAME[]` (NUL-terminated) and `const size_t NAME_len`.
 */
#include <stdio.h>

int main(int argc, char **argv)
{
	FILE *in, *out;
	int c, column = 0;

	if (argc != 4)
		return 2;
	in = fopen(argv[2], "rb");
	out = fopen(argv[3], "wb");
	if (!in || !out) {
		perror(in ? argv[3] : argv[2]);
		return 1;
	}
	fprintf(out, "#include \"base/embed.h\"\n\nconst char %s[] = {", argv[1]);
	while ((c = getc(in)) != EOF)
		fprintf(out, "%s%d,", column++ % 24 ? " " : "\n\t", c < 128 ? c : c - 256);
	fprintf(out, "\n\t0\n};\nconst size_t %s_len = sizeof(%s) - 1;\n", argv[1], argv[1]);
	if (ferror(in) || fclose(out) != 0) {
		perror(argv[3]);
		return 1;
	}
	fclose(in);
	return 0;
}

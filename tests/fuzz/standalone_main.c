/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Runs a fuzz target over the files of the directories given: how a corpus is a test for every
 * compiler. Whatever the sanitizers or an abort() find ends it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

static int run_file(const char *dir, const char *name)
{
	char path[4096];
	uint8_t *data = malloc(INPUT_MAX), *exact;
	size_t size = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!data || !f) {
		(void)fprintf(stderr, "cannot read '%s'\n", path);
		abort();
	}
	size = fread(data, 1, INPUT_MAX, f);
	(void)fclose(f);
	exact = realloc(data, size ? size : 1); /* so that a byte too far is seen */
	(void)LLVMFuzzerTestOneInput(exact ? exact : data, size);
	free(exact ? exact : data);
	return 1;
}

int main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;

		while (dir && (entry = readdir(dir)))
			count += entry->d_name[0] != '.' && run_file(argv[i], entry->d_name);
		if (dir)
			(void)closedir(dir);
	}
	printf("%d inputs\n", count);
	return count == 0; /* a corpus that is not found is no success */
}

/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

#include <inttypes.h>

#include "cli/print.h"
#include "cvenv.h"

/* Print the first character of S, not '"' or '\\', and return its length. */
static size_t put_character(FILE *to, struct cv_str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = cv_printable(s.p, s.n);

	if (n)
		(void)fwrite(s.p, 1, n, to);
	else if (c < 0x80)
		fprintf(to, "\\u%04x", c);
	else if (s.n > 1 && cv_utf8_ok((struct cv_str){ s.p, 2 }))
		fprintf(to, "\\u%04x", (c & 0x1fU) << 6 | ((unsigned char)s.p[1] & 0x3fU)), n = 2;
	else
		fputs("\\ufffd", to);
	return n ? n : 1;
}

void cv_json_string(FILE *to, struct cv_str s)
{
	putc('"', to);
	while (s.n) {
		bool escaped = s.p[0] == '"' || s.p[0] == '\\';
		size_t n = 1;

		if (escaped)
			fprintf(to, "\\%c", s.p[0]);
		else
			n = put_character(to, s);
		s.p += n;
		s.n -= n;
	}
	putc('"', to);
}

void cv_json_value(FILE *to, const char *json)
{
	struct cv_str s = cv_str(json);

	while (s.n) {
		size_t n = put_character(to, s);

		s.p += n;
		s.n -= n;
	}
}

void cv_json_member(FILE *to, const char *name, const char *value)
{
	fprintf(to, "\"%s\": ", name);
	cv_json_string(to, cv_str(value));
	fputs(", ", to);
}

void cv_json_number(FILE *to, const char *name, int64_t value)
{
	fprintf(to, "\"%s\": %" PRId64 ", ", name, value);
}

void cv_json_flag(FILE *to, const char *name, bool value)
{
	fprintf(to, "\"%s\": %s, ", name, value ? "true" : "false");
}

void cv_json_if_known(FILE *to, const char *name, const char *value)
{
	if (value)
		cv_json_member(to, name, value);
}

void cv_json_or_null(FILE *to, const char *name, const char *value)
{
	if (value)
		cv_json_member(to, name, value);
	else
		fprintf(to, "\"%s\": null, ", name);
}

void cv_json_list(FILE *to, const char *name, const char *const *texts)
{
	fprintf(to, "\"%s\": [", name);
	for (size_t i = 0; texts && texts[i]; i++) {
		fputs(i ? ", " : "", to);
		cv_json_string(to, cv_str(texts[i]));
	}
	fputs("], ", to);
}

void cv_json_error(FILE *to, const struct cvenv_error *error)
{
	fputs("\"error\": {", to);
	cv_json_number(to, "code", error->code);
	cv_json_member(to, "message", error->message);
	fputs("\"hint\": ", to);
	cv_json_string(to, cv_str(error->hint));
	putc('}', to);
}

void cv_json_failure(FILE *to, const char *path, const struct cvenv_error *error)
{
	putc('{', to);
	if (path)
		cv_json_member(to, "path", path);
	cv_json_error(to, error);
	fputs("}\n", to);
}

void cv_json_packages(FILE *to, const struct cvenv_result *r)
{
	fputs("\"packages\": [", to);
	for (size_t i = 0; i < r->package_count; i++) {
		fputs(i ? ", {\"name\": " : "{\"name\": ", to);
		cv_json_string(to, cv_str(r->packages[i].name));
		fputs(", \"version\": ", to);
		cv_json_string(to, cv_str(r->packages[i].version));
		putc('}', to);
	}
	fputs("], ", to);
}

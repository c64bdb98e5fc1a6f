/* SPDX-License-Identifier: MIT */
#include "create/source_date.h"

#include "base/str.h"

int cv_source_date(const struct cv_ctx *ctx, int64_t *ret, struct cvenv_error *err)
{
	const char *text = cv_getenv_nonempty(ctx, "SOURCE_DATE_EPOCH");
	uint64_t seconds;

	if (!text)
		return 0;
	if (!cv_str_u64(cv_str(text), UINT32_MAX, &seconds))
		return cv_fail_msg(err, CVENV_EUSAGE,
			"invalid SOURCE_DATE_EPOCH '%s': not a number of seconds up to %u", text,
			UINT32_MAX);
	*ret = (int64_t)seconds;
	return 1;
}

/* SPDX-License-Identifier: MIT */
#include "fs/plan.h"

#include "fs/copied.h"
#include "os/os.h"

static void add(struct cv_plan *plan, struct cv_entry entry)
{
	if (entry.path)
		entry.path = cv_strdup(plan->arena, cv_str(entry.path));
	if (!entry.path || !cv_grow(plan->arena, &plan->entries, plan->count, &plan->room)) {
		plan->bad = true;
		return;
	}
	plan->entries[plan->count++] = entry;
}

void cv_plan_dir(struct cv_plan *plan, const char *path)
{
	add(plan, (struct cv_entry){ .kind = CVENV_ENTRY_DIR, .path = path });
}

void cv_plan_link(struct cv_plan *plan, const char *path, const char *target, unsigned flags)
{
	plan->bad |= !target;
	add(plan,
		(struct cv_entry){
			.kind = CVENV_ENTRY_LINK, .path = path, .source = target, .flags = flags });
}

void cv_plan_link_or_copy(struct cv_plan *plan, const char *path, const char *target,
	const char *instead, unsigned flags)
{
	plan->bad |= !target || !instead;
	add(plan, (struct cv_entry){ .kind = CVENV_ENTRY_LINK,
			  .path = path,
			  .source = target,
			  .instead = instead,
			  .flags = flags | CV_OR_COPY });
}

void cv_plan_file(struct cv_plan *plan, const char *path, struct cv_str data, unsigned flags)
{
	plan->bad |= !data.p;
	add(plan, (struct cv_entry){
			  .kind = CVENV_ENTRY_FILE, .path = path, .data = data, .flags = flags });
}

void cv_plan_file_mode(struct cv_plan *plan, const char *path, struct cv_str data, unsigned mode)
{
	plan->bad |= !data.p;
	add(plan, (struct cv_entry){ .kind = CVENV_ENTRY_FILE,
			  .path = path,
			  .data = data,
			  .mode = mode,
			  .flags = CV_EXACT_MODE });
}

void cv_plan_copy(
	struct cv_plan *plan, const char *path, const char *source, unsigned mode, unsigned flags)
{
	plan->bad |= !source;
	add(plan, (struct cv_entry){ .kind = CVENV_ENTRY_COPY,
			  .path = path,
			  .source = source,
			  .mode = mode,
			  .flags = flags | CV_EXACT_MODE });
}

void cv_plan_tree(struct cv_plan *plan, const char *path, const struct cv_tree *tree,
	const char *name, unsigned flags)
{
	plan->bad |= !tree || !name;
	add(plan, (struct cv_entry){ .kind = CVENV_ENTRY_TREE,
			  .path = path,
			  .source = name,
			  .tree = tree,
			  .flags = flags });
}

void cv_plan_copied(struct cv_plan *plan, const struct cv_copied *copied, const char *src)
{
	plan->bad |= !copied || !src;
	add(plan, (struct cv_entry){
			  .kind = CVENV_ENTRY_TREE, .path = ".", .source = src, .copied = copied });
}

size_t cv_entry_files(const struct cv_entry *e)
{
	size_t count = e->tree ? e->tree->count : 0;

	for (size_t i = 0; e->copied && i < e->copied->count; i++)
		count += e->copied->files[i].type != CV_OS_DIR && !e->copied->files[i].omit;
	return count;
}

void cv_plan_remove(struct cv_plan *plan, const char *path, const char *keep)
{
	add(plan, (struct cv_entry){ .kind = CVENV_ENTRY_REMOVE, .path = path, .source = keep });
}

bool cv_tree_has(const struct cv_tree *tree, const struct cv_tree_file *file, uint64_t owner,
	const struct cv_os_stat *st)
{
	return st->type == CV_OS_FILE && st->size == file->size &&
	       (tree->timeless || st->mtime.s == file->mtime) && st->owner == owner;
}

bool cv_tree_file_shared(const struct cv_tree_file *file)
{
	struct cv_str rest = cv_str(file->path), top;

	(void)cv_str_cut(&rest, '/', &top);
	return cv_str_ends(cv_str(file->path), CV_LIT(".pyc")) ||
	       cv_str_ends(top, CV_LIT(".dist-info"));
}

void cv_plan_append(struct cv_plan *plan, const struct cv_plan *more)
{
	plan->bad |= more->bad;
	for (size_t i = 0; i < more->count; i++)
		add(plan, more->entries[i]);
}

/* SPDX-License-Identifier: MIT */
#include "cli/completions/completions.h"
#include "cli/option_table.h"

/*
 * For bash 3.2, which macOS has, and later. Words are compared as they were typed, with their
 * quotes, and nothing that was typed is expanded.
 */
static const char head[] =
	"# bash completion of cvenv, printed by 'cvenv --completions bash'\n"
	"\n"
	"# What the option $1 means for others: $drop is what is not offered beside it, and\n"
	"# $argument what completes its argument.\n"
	"_cvenv_option()\n"
	"{\n"
	"    drop='' argument=''\n"
	"    case $1 in\n";

static const char middle[] =
	"    *) return 1 ;;\n"
	"    esac\n"
	"}\n"
	"\n"
	"# The word $1 is given.\n"
	"_cvenv_given()\n"
	"{\n"
	"    local letters word\n"
	"    case $1 in\n"
	"    --*=*) _cvenv_option \"${1%%=*}\" && argument='' ;;\n"
	"    --*) _cvenv_option \"$1\" ;;\n"
	"    -?*)\n"
	"        letters=${1#-}\n"
	"        while [[ -n $letters ]]; do\n"
	"            _cvenv_option \"-${letters:0:1}\" || break\n"
	"            letters=${letters:1}\n"
	"            _cvenv_drop\n"
	"            if [[ -n $argument ]]; then\n"
	"                [[ -z $letters ]] || argument=''\n"
	"                break\n"
	"            fi\n"
	"        done\n"
	"        ;;\n"
	"    *) _cvenv_option ENV_DIR ;;\n"
	"    esac\n"
	"    _cvenv_drop\n"
	"}\n"
	"\n"
	"_cvenv_drop()\n"
	"{\n"
	"    local word\n"
	"    for word in $drop; do\n"
	"        offered=${offered/ $word / }\n"
	"    done\n"
	"}\n"
	"\n"
	"# Offer each line of $1, up to a tab, that begins with $current.\n"
	"_cvenv_lines()\n"
	"{\n"
	"    local line quoted\n"
	"    while IFS= read -r line; do\n"
	"        line=${line%%$'\\t'*}\n"
	"        case $current in\n"
	"        \\'*) quoted=\\'${line//\\'/\\'\\\\\\'\\'} ;;\n"
	"        \\\"*)\n"
	"            quoted=${line//\\\\/\\\\\\\\} quoted=${quoted//\\\"/\\\\\\\"}\n"
	"            quoted=${quoted//\\$/\\\\\\$} quoted=\\\"${quoted//\\`/\\\\\\`}\n"
	"            ;;\n"
	"        *) printf -v quoted %q \"$line\" ;;\n"
	"        esac\n"
	"        if [[ -n $line && $quoted == \"$current\"* ]]; then\n"
	"            case $current in\n"
	"            [\\'\\\"]*) quoted=${quoted:1} ;; # readline has the quote\n"
	"            esac\n"
	"            COMPREPLY+=(\"$prefix$quoted\")\n"
	"        fi\n"
	"    done <<<\"$1\"\n"
	"}\n"
	"\n"
	"# Offer the words $1 that begin with $current.\n"
	"_cvenv_words()\n"
	"{\n"
	"    local word\n"
	"    for word in $1; do\n"
	"        if [[ $word == \"$current\"* ]]; then\n"
	"            COMPREPLY+=(\"$prefix$word\")\n"
	"        fi\n"
	"    done\n"
	"}\n"
	"\n"
	"# The names of $1 in a list with commas, each once.\n"
	"_cvenv_list()\n"
	"{\n"
	"    local words=\" $1 \" name\n"
	"    case $current in\n"
	"    *,*)\n"
	"        prefix=$prefix${current%,*},\n"
	"        for name in ${current//,/ }; do\n"
	"            words=${words/ $name / }\n"
	"        done\n"
	"        current=${current##*,}\n"
	"        ;;\n"
	"    esac\n"
	"    compopt -o nospace 2>/dev/null\n"
	"    _cvenv_words \"$words\"\n"
	"}\n"
	"\n"
	"_cvenv_value()\n"
	"{\n"
	"    case $1 in\n"
	"    dir) compopt -o dirnames 2>/dev/null ;;\n"
	"    python)\n"
	"        case $current in\n"
	"        */*) compopt -o default 2>/dev/null ;;\n"
	"        *) _cvenv_lines \"$(command cvenv --completions pythons 2>/dev/null)\" ;;\n"
	"        esac\n"
	"        ;;\n"
	"    name) _cvenv_lines \"$(command cvenv --completions names 2>/dev/null)\" ;;\n"
	"    list:*) _cvenv_list \"${1#list:}\" ;;\n"
	"    choice:*) _cvenv_words \"${1#choice:}\" ;;\n"
	"    esac\n"
	"}\n"
	"\n"
	"# Complete the word $current, which is not the argument of the option before it.\n"
	"_cvenv_word()\n"
	"{\n"
	"    case $current in\n"
	"    --*=*)\n"
	"        if _cvenv_option \"${current%%=*}\"; then\n"
	"            prefix=${current%%=*}= current=${current#*=}\n"
	"            _cvenv_value \"$argument\"\n"
	"        fi\n"
	"        ;;\n"
	"    -[!-]?*)\n"
	"        if _cvenv_option \"${current:0:2}\" && [[ -n $argument ]]; then\n"
	"            prefix=${current:0:2} current=${current:2}\n"
	"            _cvenv_value \"$argument\"\n"
	"        fi\n"
	"        ;;\n"
	"    -*) _cvenv_words \"$offered\" ;;\n"
	"    *)\n"
	"        case $offered in\n"
	"        *' ENV_DIR '*) compopt -o dirnames 2>/dev/null ;;\n"
	"        esac\n"
	"        ;;\n"
	"    esac\n"
	"}\n"
	"\n"
	"_cvenv()\n"
	"{\n"
	"    local IFS=$' \\t\\n' current='' prefix='' drop='' argument='' here='' ended='' word "
	"i\n";

static const char tail[] =
	"    COMPREPLY=()\n"
	"    compopt +o dirnames 2>/dev/null\n"
	"    for ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do\n"
	"        word=${COMP_WORDS[i]}\n"
	"        if ((i == COMP_CWORD)); then\n"
	"            here=${argument:-word} argument=''\n"
	"            current=$word\n"
	"            if [[ -n $ended ]]; then\n"
	"                here=ended\n"
	"            elif [[ $word == = && $here != word ]]; then\n"
	"                current=''\n"
	"            fi\n"
	"        elif [[ -n $ended ]]; then\n"
	"            _cvenv_given ENV_DIR\n"
	"        elif [[ $word == = ]]; then # a word of its own in --option=value\n"
	"            if [[ -z $argument ]]; then\n"
	"                argument=none\n"
	"            fi\n"
	"        elif [[ -n $argument ]]; then\n"
	"            argument=''\n"
	"        elif [[ $word == -- ]]; then\n"
	"            ended=1\n"
	"        else\n"
	"            _cvenv_given \"$word\"\n"
	"        fi\n"
	"    done\n"
	"    case $here in\n"
	"    ended)\n"
	"        case $offered in\n"
	"        *' ENV_DIR '*) compopt -o dirnames 2>/dev/null ;;\n"
	"        esac\n"
	"        ;;\n"
	"    word) _cvenv_word ;;\n"
	"    *) _cvenv_value \"$here\" ;;\n"
	"    esac\n"
	"}\n"
	"\n"
	"complete -o dirnames -F _cvenv cvenv\n";

/* " -p --python" */
static void add_words(struct cv_buf *to, const struct cv_option *o)
{
	if (o->letter)
		cv_buf_addf(to, " -%c", o->letter);
	cv_buf_addf(to, " --%s", o->name);
}

static void add_choices(struct cv_buf *to, const char *kind, const struct cv_option *o)
{
	cv_buf_addf(to, "%s:", kind);
	for (const struct cv_option_choice *choice = o->choices; choice->name; choice++)
		if (!choice->unlisted)
			cv_buf_addf(to, " %s", choice->name);
}

static void add_argument(struct cv_buf *to, const struct cv_option *o)
{
	switch (cv_argument_of(o)) {
	case CV_ARGUMENT_NONE:
		return;
	case CV_ARGUMENT_TEXT:
		cv_buf_cstr(to, " argument='none");
		break;
	case CV_ARGUMENT_CHOICE:
		add_choices(to, " argument='choice", o);
		break;
	case CV_ARGUMENT_CHOICES:
		add_choices(to, " argument='list", o);
		break;
	case CV_ARGUMENT_DIR:
		cv_buf_cstr(to, " argument='dir");
		break;
	case CV_ARGUMENT_PYTHON:
		cv_buf_cstr(to, " argument='python");
		break;
	case CV_ARGUMENT_NAME:
		cv_buf_cstr(to, " argument='name");
		break;
	}
	cv_buf_char(to, '\'');
}

static void add_option(const struct cv_completer *c, const struct cv_option *o)
{
	cv_buf_cstr(c->to, "    ");
	if (o->letter)
		cv_buf_addf(c->to, "-%c | ", o->letter);
	cv_buf_addf(c->to, "--%s) drop='", o->name);
	for (size_t i = 0; i < c->count; i++)
		if (cv_completion_excludes(o, &c->options[i]))
			add_words(c->to, &c->options[i]);
	cv_buf_addf(c->to, "%s'", cv_completion_excludes_dirs(o) ? " ENV_DIR" : "");
	add_argument(c->to, o);
	cv_buf_cstr(c->to, " ;;\n");
}

void cv_completions_bash(const struct cv_completer *c)
{
	cv_buf_cstr(c->to, head);
	for (size_t i = 0; i < c->count; i++)
		add_option(c, &c->options[i]);
	cv_buf_cstr(c->to, "    ENV_DIR) drop='");
	for (size_t i = 0; i < c->count; i++)
		if (cv_completion_excludes_dirs(&c->options[i]))
			add_words(c->to, &c->options[i]);
	cv_buf_cstr(c->to, "' ;;\n");
	cv_buf_cstr(c->to, middle);
	cv_buf_cstr(c->to, "    local offered='");
	for (size_t i = 0; i < c->count; i++)
		add_words(c->to, &c->options[i]);
	cv_buf_cstr(c->to, " ENV_DIR '\n");
	cv_buf_cstr(c->to, tail);
}

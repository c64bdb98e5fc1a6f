# SPDX-License-Identifier: MIT
"""Prints results as Markdown tables, as a comparison with targets, and as a picture."""

from xml.sax.saxutils import escape


def seconds_text(seconds):
    return "%.2f s" % seconds if seconds >= 1 else "%.1f ms" % (seconds * 1000)


def number(value):
    return "–" if value is None else "{:,}".format(value)


def each(r):
    n = r["environments"]
    return "" if n == 1 else ", each " + seconds_text(r["median_s"] / n)


def table(results):
    head = ["", "median", "minimum", "CPU", "memory", "system calls", "instructions", "files", ".pyc"]
    rows = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for r in results:
        if "skipped" in r:
            rows.append([r["name"], "skipped: %s" % r["skipped"]] + [""] * (len(head) - 2))
            continue
        rows.append([
            r["name"],
            seconds_text(r["median_s"]) + each(r),
            seconds_text(r["min_s"]),
            seconds_text(r["cpu_s"]),
            "%.1f MB" % (r["max_rss_kib"] / 1024),
            number(r["system_calls"]),
            "–" if r["instructions"] is None else "%.1f M" % (r["instructions"] / 1e6),
            number(r.get("files")),
            number(r.get("bytecode_files")),
        ])
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


class Targets:
    """Compares the results of one place with the targets."""

    def __init__(self, results):
        self.by_key = {r["key"]: r for r in results if "skipped" not in r}
        self.rows = []

    def row(self, what, keys, figure, limit, at_most):
        """figure: a function of the times of KEYS. Adds a row only if all were measured."""
        if not all(key in self.by_key for key in keys):
            return
        value, least, cpu = (figure(*[self.by_key[key][column] for key in keys])
                             for column in ("median_s", "min_s", "cpu_s"))
        met = value <= limit if at_most else value >= limit
        self.rows.append({"target": what, "limit": limit, "at_most": at_most, "is": value, "met": met,
                          "by_least": least, "by_cpu": cpu})

    def memory(self, what, key, limit_mb):
        r = self.by_key.get(key)
        if r:
            mb = r["max_rss_kib"] / 1024
            self.rows.append({"target": what, "limit": limit_mb, "at_most": True, "is": mb, "met": mb < limit_mb})


def ratio(a, b):
    return a / b


def targets(results, on_disk):
    t = Targets(results)
    t.row("hard links, to its floor", ("hardlink", "floor-hardlink"), ratio, 1.25, True)
    t.row("default mode, to its floor", ("default", "floor-default"), ratio, 1.25, True)
    if on_disk:
        t.row("hard links, times faster than venv", ("venv", "hardlink"), ratio, 400, False)
        t.row("default mode, times faster than venv", ("venv", "default"), ratio, 150, False)
    t.row("default mode, times faster than uv --seed", ("uv-seed", "default"), ratio, 1, False)
    t.row("default mode, times faster than virtualenv", ("virtualenv", "default"), ratio, 1, False)
    t.row("cold, no bytecode, times faster than venv", ("venv", "cold"), ratio, 40, False)
    t.row("without pip, ms more than exit at once", ("bare", "exit"), lambda a, b: (a - b) * 1000, 1.5, True)
    t.row("without pip, times faster than uv", ("uv", "bare"), ratio, 5, False)
    for key, mode in (("many-hardlink", "hard links"), ("many-bare", "without pip")):
        single = key.split("-")[1]
        if key in t.by_key:
            n = t.by_key[key]["environments"]
            t.row("%s, one of %d to one alone" % (mode, n), (key, single),
                  lambda a, b, n=n: a / n / b, 1, True)
            t.memory("%s, MB of memory for %d" % (mode, n), key, 20)
    for peer in ("uv-seed-list", "virtualenv-list", "venv-list"):
        t.row("creating and pip list, times faster than %s" % peer[:-5], (peer, "default-list"), ratio, 1, False)
    return t.rows


def targets_table(rows):
    """Medians decide. On a busy machine, minimum and CPU times are more reliable."""
    lines = ["| what | target | median | | minimum | CPU |", "| --- | ---: | ---: | --- | ---: | ---: |"]
    for r in rows:
        others = ["%.4g" % r[k] if k in r else "–" for k in ("by_least", "by_cpu")]
        lines.append("| %s | %s %.4g | %.4g | %s | %s |" % (
            r["target"], "≤" if r["at_most"] else "≥", r["limit"], r["is"],
            "met" if r["met"] else "**not met**", " | ".join(others)))
    return "\n".join(lines)


STYLE = """
text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57606a; }
.own { font-weight: 600; fill: #1f6feb; }
.bar { fill: #8c959f; }
.bar.own { fill: #1f6feb; }
@media (prefers-color-scheme: dark) {
  text { fill: #9da7b3; }
  .own, .bar.own { fill: #58a6ff; }
  .bar { fill: #6e7681; }
}
"""


def picture(title, note, bars):
    """Bars of (name, seconds, is cvenv), with lengths proportional to the times."""
    left, width, step, top = 230, 420, 28, 44
    longest = max(seconds for _, seconds, _ in bars)
    height = top + step * len(bars) + 34
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 %d" role="img" aria-label="%s">'
        % (height, escape(title, {'"': "&quot;"})),
        "<style>%s</style>" % STYLE,
        '<text x="0" y="20">%s</text>' % escape(title),
    ]
    for n, (name, seconds, ours) in enumerate(bars):
        y = top + step * n
        own = " own" if ours else ""
        length = max(2, width * seconds / longest)
        out.append('<text class="label%s" x="%d" y="%d" text-anchor="end">%s</text>'
                   % (own, left - 10, y + 14, escape(name)))
        out.append('<rect class="bar%s" x="%d" y="%d" width="%.1f" height="18" rx="2"/>'
                   % (own, left, y, length))
        out.append('<text class="label%s" x="%.1f" y="%d">%s</text>'
                   % (own, left + length + 8, y + 14, seconds_text(seconds)))
    out.append('<text x="0" y="%d" style="font-size: 12px">%s</text>' % (height - 8, escape(note)))
    out.append("</svg>")
    return "\n".join(out) + "\n"

import glob, json, os, re, sys
from xml.etree import ElementTree

def results(pattern):
    return [path for name in sys.argv[2:] for path in glob.glob(os.path.join(name, pattern))]

passed = failed = skipped = 0
for log in results("meson-logs/testlog*.json"):
    for line in open(log, encoding="utf-8"):
        test = json.loads(line)
        said = test.get("stdout", "") + test.get("stderr", "")
        ok = sum(map(int, re.findall(r"^\[  PASSED  \] (\d+) test", said, re.M)))
        bad = sum(map(int, re.findall(r"^\[  FAILED  \] \S*?:? ?(\d+) test", said, re.M)))
        skip = sum(map(int, re.findall(r"^\[  SKIPPED \] \S*?:? ?(\d+) test", said, re.M)))
        if test["result"] in ("OK", "EXPECTEDFAIL"):
            passed += ok or not skip
        elif test["result"] == "SKIP":
            skipped += 1
        else:
            passed += ok
            failed += bad or 1
        skipped += skip
for xml in results("pytest-*.xml"):
    for suite in ElementTree.parse(xml).getroot().iter("testsuite"):
        bad = int(suite.get("failures")) + int(suite.get("errors"))
        skip = int(suite.get("skipped"))
        failed += bad
        skipped += skip
        passed += int(suite.get("tests")) - bad - skip
if sys.argv[1] != "0" and not failed:
    failed = 1
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(failed > 0 or passed == 0)

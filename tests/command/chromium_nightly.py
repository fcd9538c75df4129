"""The report of a night in a headless Chromium: nothing is fetched or run, cut off, or wider than
the window.

Skipped, with status 77, where there is no chromium; the package is too large to require.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401, puts the checkout on the module path
from commands import stress
from commands.nightly import page
from commands.nightly.job import Finding
from commands.nightly.night import Night

SKIPPED = 77
NIGHTS = 12
WINDOWS = [(1280, 900), (500, 900)]
# Writes measurements of the page into its title, which --dump-dom then shows.
MEASURE = """
<script nonce="1">
let refused = 0;
addEventListener("securitypolicyviolation", () => ++refused);
// A refusal is told some time after it.
addEventListener("load", () => setTimeout(() => {
    const isInside = (text) => {
        const one = text.getBoundingClientRect();
        const all = text.ownerSVGElement.getBoundingClientRect();
        return one.left >= all.left - 1 && one.right <= all.right + 1 &&
               one.bottom <= all.bottom + 1;
    };
    const charts = [...document.querySelectorAll("svg.chart")];
    document.title = JSON.stringify({
        tooWide: document.documentElement.scrollWidth - innerWidth,
        refused,
        charts: charts.length,
        flat: charts.filter((chart) => chart.getBoundingClientRect().height < 20).length,
        cut: [...document.querySelectorAll("svg text")].filter((text) => !isInside(text)).length,
        background: getComputedStyle(document.body).backgroundColor});
}, 500));
</script>
"""
DARK = "--blink-settings=preferredColorScheme=0"


def record(name: str, group: str, number: int, **more) -> dict:
    return {"name": name, "group": group, "target": name.split("/")[1], "status": "ok",
            "seconds_planned": 60, "seconds": 61.5, "figures": {}, "series": [], "problem": "",
            "remarks": [], "findings": [], "speed": {"value": 1000.0 + number, "unit": "x/s"},
            **more}


def some_night(parent: Path, number: int) -> Night:
    night = Night.create(parent, 8.0, "a commit", "a machine", 0)
    figures = {name: 10 ** place * (number + 1) for place, name in enumerate(stress.FIGURES)}
    series = [[second, second * 12345, 300 + second // 7] for second in range(0, 600, 15)]
    records = [record(f"stress-{build}/a_job_with_a_long_name", f"stress {build}", number,
                      figures=figures) for build in ("plain", "tsan", "asan")]
    records.append(record("fuzz/some_target", "fuzz", number, series=series,
                          figures={"executions": 7_000_000, "executions_per_second": 120_000,
                                   "edges": 385, "new_inputs": 3}))
    records.append(record("bench/mailbox", "bench", number, figures={"round_trip": 0.55}))
    records.append(record("explore/mailbox/pct", "explore", number, status="broken",
                          problem="ended with status 2: " + "why_" * 60))
    for entry in records:
        night.finish_job(entry)
    night.keep(Finding("t", "data-race", "a race", "x", "#0 " + "very_long_name" * 30 + "\n" * 40,
                       "./mailproof replay findings/t/" + "0123456789" * 12, settings="s"),
               "fuzz/some_target")
    return night


class Chromium(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        nights = [some_night(self.folder, number) for number in range(NIGHTS)]
        self.page = page.render(nights[-1], nights[:-1])

    def measured(self, html: str, window: tuple[int, int], *options: str) -> dict:
        path = self.folder / "page.html"
        allowed = page.NOTHING_ELSE + "; script-src 'nonce-1'"
        path.write_text(html.replace(page.NOTHING_ELSE, allowed)
                        .replace("</title>", f"</title>{MEASURE}"))
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                   "--virtual-time-budget=2000", *options,
                   f"--user-data-dir={self.folder / 'profile'}", "--dump-dom",
                   f"--window-size={window[0]},{window[1]}", path.as_uri()]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120)
        [title] = re.findall(r"<title>(\{.*?\})</title>", result.stdout)
        return json.loads(title)

    def test_nothing_is_refused_cut_off_or_too_wide(self):
        for window in WINDOWS:
            with self.subTest(window=window):
                seen = self.measured(self.page, window)
                # Three with latencies, three by night, two for the fuzz target.
                self.assertEqual(seen["charts"], 8)
                self.assertEqual({name: seen[name] for name in ("refused", "flat", "cut")},
                                 {"refused": 0, "flat": 0, "cut": 0})
                self.assertLessEqual(seen["tooWide"], 0)

    def test_it_is_light_or_dark(self):
        self.assertEqual(self.measured(self.page, WINDOWS[0])["background"], "rgb(246, 247, 249)")
        self.assertEqual(self.measured(self.page, WINDOWS[0], DARK)["background"],
                         "rgb(20, 24, 29)")

    def test_faults_are_seen(self):
        for fault, name in (('<div style="width: 3000px">wide</div>', "tooWide"),
                            ('<img src="other.svg"/>', "refused"),
                            ("<script>document.title = 1</script>", "refused"),
                            ('<svg class="chart" viewBox="0 0 100 30"><text x="90" y="10">cut off'
                             "</text></svg>", "cut"),
                            ('<svg class="chart" style="height: 9px"></svg>', "flat")):
            with self.subTest(fault=name):
                faulty = self.page.replace("</main>", f"{fault}</main>")
                self.assertGreater(self.measured(faulty, WINDOWS[0])[name], 0)


if __name__ == "__main__":
    if shutil.which("chromium") is None:
        print("skipped: chromium is not installed")
        sys.exit(SKIPPED)
    unittest.main()

"""What the tests of the programs share: running them, and reading what they say."""
import re
import subprocess
from dataclasses import dataclass

SECONDS_MAX = 120

PLATFORMS = ["a2a3sim", "a5sim"]

# A value is one word, or a JSON string.
PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')


@dataclass(frozen=True)
class Run:
    status: int
    out: str
    err: str

    @property
    def pairs(self):
        """The key=value pairs of the output."""
        return dict(PAIR.findall(self.out))


def run(*command, text_in=""):
    ended = subprocess.run([str(word) for word in command], input=text_in, capture_output=True,
                           text=True, timeout=SECONDS_MAX, check=False)
    return Run(ended.returncode, ended.stdout, ended.stderr)

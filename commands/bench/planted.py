"""The tables of docs/fuzzing.md."""

from commands.kit import documents, project

PAGE = project.ROOT / "docs" / "fuzzing.md"


def write_table(begin: str, end: str, header: list[str], rows: list[list[str]],
                conditions: str) -> None:
    """Renews the table between two marks, and the sentence on how it was measured."""
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|",
             *("| " + " | ".join(row) + " |" for row in rows), "",
             f"{conditions} On {project.machine()}."]
    documents.replace_between(PAGE, begin, end, "".join(f"{line}\n" for line in lines))

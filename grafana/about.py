"""What every panel must say about itself before it may be built."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class About:
    """The words of a panel.

    `shows` says what is seen, `definition` how the figure is defined and what it leaves out,
    `sources` names the marts that the SQL reads, `unit` is a Grafana unit id, `empty` is the text
    shown when there are no rows and says why that may be.
    """

    title: str
    shows: str
    definition: str
    sources: tuple[str, ...]
    unit: str
    empty: str

    def __post_init__(self) -> None:
        """Refuse a panel that leaves something unsaid (`ValueError`)."""
        unsaid = [field.name for field in fields(self) if not getattr(self, field.name)]
        if unsaid:
            raise ValueError(f"panel {self.title!r} does not say its {', '.join(unsaid)}")

    @property
    def description(self) -> str:
        """Give the Markdown that the panel's information mark shows."""
        sources = ", ".join(f"`{source}`" for source in self.sources)
        return f"{self.shows}\n\n**Definition:** {self.definition}\n\n**Source:** {sources}"

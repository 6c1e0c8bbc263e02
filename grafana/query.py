"""The target a panel sends to Grafana's PostgreSQL datasource.

The foundation SDK has no builder for that datasource, so this is one: the fields are those that
Grafana's own query editor saves in "code" mode.
"""

from __future__ import annotations

from typing import Literal

from grafana_foundation_sdk.cog import builder as cogbuilder
from grafana_foundation_sdk.cog import variants as cogvariants
from grafana_foundation_sdk.models.common import DataSourceRef

DATASOURCE_TYPE = "grafana-postgresql-datasource"
DATASOURCE_UID = "marts"

ResultFormat = Literal["table", "time_series"]


def datasource() -> DataSourceRef:
    """Refer to the provisioned datasource by its uid, never by its name."""
    return DataSourceRef(type_val=DATASOURCE_TYPE, uid=DATASOURCE_UID)


class PostgresTarget(cogvariants.Dataquery):
    """One query of a panel: SQL as text, and how Grafana shall read its rows."""

    def __init__(self, sql: str, result_format: ResultFormat, ref_id: str) -> None:
        """Take the SQL, its `result_format`, and the letter that names it in the panel."""
        self.sql = sql
        self.result_format = result_format
        self.ref_id = ref_id

    def to_json(self) -> dict[str, object]:
        """Give the JSON of the target."""
        return {
            "refId": self.ref_id,
            "datasource": {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID},
            "editorMode": "code",
            "rawQuery": True,
            "rawSql": self.sql,
            "format": self.result_format,
        }


class PostgresQuery(cogbuilder.Builder[PostgresTarget]):
    """Builder of a `PostgresTarget`, as the SDK's panels want one."""

    def __init__(
        self, sql: str, result_format: ResultFormat = "table", *, ref_id: str = "A"
    ) -> None:
        """Take the SQL; `time_series` needs a first column named "time", in ascending order."""
        self._target = PostgresTarget(sql, result_format, ref_id)

    def build(self) -> PostgresTarget:
        """Give the target."""
        return self._target

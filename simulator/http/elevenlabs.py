"""ElevenLabs' workspace usage, as its API reference documents it (November 2026).

``POST /v1/workspace/analytics/query/usage-by-product-over-time`` with the header ``xi-api-key``.
The JSON body::

    {"start_time": 1764547200000,        milliseconds, inclusive; required; 2020-01-01 or later
     "end_time": 1764633600000,          milliseconds, exclusive; required
     "interval_seconds": 86400,          bucket size; 60 when left out, so always say 86400
     "group_by": ["product_type"],       when null or left out: ["product_type"]
     "filters": null,                    [{"column", "operation", "values"}]
     "time_zone": "UTC"}                 buckets of whole days start at its midnight

It answers with a table; columns are to be found by name, or by their type and unit, never by
position. Measures arrive as strings; a column without a unit has ``null`` or ``""`` there; a
bucket in which a product was not used has no row (but may have one of zeros)::

    {"columns":      ["timestamp", "product_type", "credits_used", "total_cost"],
     "column_types": ["DateTime", "String", "Float", "Float"],
     "column_units": [null, null, "credits", "usd"],
     "rows": [["2026-11-30T00:00:00Z", "text-to-speech", "125431", "27.594820"], ...]}

There is no paging. Errors: 401 ``{"detail": {"status": "invalid_api_key", "message": ...}}``
(``needs_authorization`` without a key) and 422 ``{"detail": [{"type", "loc", "msg", "input"}]}``.
"""

"""Stand-in APIs and the synthetic world behind them, for the demo and the tests."""

"""Benchmark results of many tools in one model, and the judgement of before against after."""

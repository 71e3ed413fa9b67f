'use strict';
// Watches the event loop and the garbage collector of the program that it is called in.
// `builtin` gives a module of Node.js by its name. Nothing is kept in the program's globals.
module.exports = (builtin) => {
  const { monitorEventLoopDelay, PerformanceObserver, performance } = builtin('perf_hooks');
  const resolution = 20;
  const delay = monitorEventLoopDelay({ resolution });
  const gc = { count: 0, ms: 0 };
  // each entry costs the program more than a small collection does: only a part of the time is
  // observed, and stands for all of it
  const OBSERVED_MS = 250;
  const LEFT_MS = 2250;
  let observed = 0;
  let since = null;
  let timer;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      gc.count += 1;
      gc.ms += entry.duration;
    }
  });
  const look = () => {
    since = performance.now();
    observer.observe({ entryTypes: ['gc'] });
    timer = setTimeout(leave, OBSERVED_MS).unref();
  };
  const leave = () => {
    observed += performance.now() - since;
    since = null;
    observer.disconnect();
    timer = setTimeout(look, LEFT_MS).unref();
  };
  look();
  delay.enable();
  const begun = performance.now();
  const used = performance.eventLoopUtilization();
  // the histogram has the time from one tick of a timer to the next
  const late = (ns) => Math.max(ns / 1e6 - resolution, 0);
  const active = () => {
    const counts = {};
    for (const name of process.getActiveResourcesInfo?.() ?? []) {
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  };
  return {
    read() {
      const now = performance.now();
      const seconds = (now - begun) / 1000;
      const part = (observed + (since === null ? 0 : now - since)) / (now - begun) || 1;
      return {
        seconds,
        ticks: delay.count ?? null,
        resolution_ms: resolution,
        // from one run of the timer to the next; NaN, which JSON has as null, without any
        mean_ms: delay.mean / 1e6,
        spread_ms: delay.stddev / 1e6,
        delay_p50_ms: late(delay.percentile(50)),
        delay_p99_ms: late(delay.percentile(99)),
        delay_max_ms: late(delay.max),
        utilization: performance.eventLoopUtilization(used).utilization,
        gc_ms: gc.ms / part,
        gc_count: Math.round(gc.count / part),
        active: active(),
        version: process.version,
      };
    },
    stop() {
      clearTimeout(timer);
      delay.disable();
      observer.disconnect();
    },
  };
};

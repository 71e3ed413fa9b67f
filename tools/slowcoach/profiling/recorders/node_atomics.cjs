'use strict';
// Puts a frame of its own around Atomics.wait: V8 samples a thread that stands there as if it ran.
module.exports = () => {
  const own = Object.getOwnPropertyDescriptor(Atomics, 'wait');
  const original = Atomics.wait;
  const ours = { 'Atomics.wait': (...given) => original.apply(Atomics, given) }['Atomics.wait'];
  Object.defineProperty(Atomics, 'wait', { ...own, value: ours });
  return {
    stop() {
      if (Atomics.wait === ours) Object.defineProperty(Atomics, 'wait', own);
    },
  };
};

'use strict';
// Undoes what was installed in this thread when who installed it is gone, however it ended: the
// kernel then closes the connection that is made here. With `close` the inspector is closed too.
module.exports = (builtin, port, close) => {
  const KEY = Symbol.for('slowcoach');
  const undo = new Set();
  const link = builtin('net').connect({ port, host: '127.0.0.1' });
  const leave = () => {
    if (globalThis[KEY]?.undo === undo) delete globalThis[KEY];
    link.removeAllListeners('close');
    link.destroy();
  };
  const gone = () => {
    leave();
    for (const each of undo) try { each(); } catch { /* the others are to be undone, too */ }
    if (close) try { builtin('inspector').close(); } catch { /* it is closed */ }
  };
  link.unref(); // it keeps no program alive
  link.on('error', () => {});
  link.once('connect', () => link.once('close', gone));
  Object.defineProperty(globalThis, KEY, { value: { undo, leave }, configurable: true });
};

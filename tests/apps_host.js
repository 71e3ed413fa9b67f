// A client's side of MCP Apps for tests: shows a page in a sandboxed frame and keeps what it says.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

const seen = { initialized: 0, heights: [], read: [], modes: [], app: null };
let bridge, frame;

const able = { serverResources: {}, logging: {} };

async function show({ html, context, resources, input, result, deaf }) {
  frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.setAttribute("allow", "clipboard-write");
  frame.title = "App";
  document.body.append(frame);
  bridge = new AppBridge(null, { name: "test host", version: "1" }, deaf ? {} : able, { hostContext: context });
  bridge.onsizechange = ({ height }) => {
    seen.heights.push(height);
    frame.style.height = `${height}px`;
  };
  bridge.onreadresource = async ({ uri }) => {
    seen.read.push(uri);
    const texts = resources[uri];
    if (!texts) throw new Error(`no ${uri}`);
    const text = texts.length > 1 ? texts.shift() : texts[0];
    return { contents: [{ uri, mimeType: "application/json", text }] };
  };
  bridge.onrequestdisplaymode = async ({ mode }) => {
    seen.modes.push(mode);
    return { mode };
  };
  const ready = new Promise((done) => {
    bridge.oninitialized = () => {
      seen.initialized += 1;
      seen.app = bridge.getAppVersion();
      done();
    };
  });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = html;
  await ready;
  if (input) await bridge.sendToolInput({ arguments: input });
  if (result) await bridge.sendToolResult(result);
}

window.host = {
  seen,
  show,
  result: (given) => bridge.sendToolResult(given),
  cancel: (reason) => bridge.sendToolCancelled({ reason }),
  context: (given) => bridge.setHostContext(given),
  leave: () => bridge.teardownResource({}),
};

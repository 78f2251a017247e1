/** The worker thread that draws charts, with a font of its own: a server may have none. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { messageOf } from '../errors.js';
import { CHART_FONT } from './chart-svg.js';
import type { DrawingAsk, DrawingReply } from './png-thread.js';

const require = createRequire(import.meta.url);
const fileOf = (name: string): Buffer => readFileSync(require.resolve(name));

await initWasm(fileOf('@resvg/resvg-wasm/index_bg.wasm'));
const font = {
  fontBuffers: [fileOf('@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf')],
  defaultFontFamily: CHART_FONT,
  loadSystemFonts: false,
};

parentPort!.on('message', (ask: DrawingAsk) => parentPort!.postMessage(replyTo(ask)));

function replyTo({ id, svg, width }: DrawingAsk): DrawingReply {
  try {
    const drawing = new Resvg(svg, { fitTo: { mode: 'width', value: width }, font });
    const rendered = drawing.render();
    const png = rendered.asPng();
    // Memory of WebAssembly is not collected.
    rendered.free();
    drawing.free();
    return { id, png };
  } catch (error) {
    return { id, failure: messageOf(error) };
  }
}

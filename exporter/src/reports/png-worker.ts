/** The worker thread that draws charts, with a font of its own: a server may have none. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { messageOf } from '../errors.js';
import { answerMessages } from '../worker-thread.js';
import { CHART_FONT } from './chart-svg.js';
import type { Drawing } from './png-thread.js';

const require = createRequire(import.meta.url);
const fileOf = (name: string): Buffer => readFileSync(require.resolve(name));

await initWasm(fileOf('@resvg/resvg-wasm/index_bg.wasm'));
const font = {
  fontBuffers: [fileOf('@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf')],
  defaultFontFamily: CHART_FONT,
  loadSystemFonts: false,
};

answerMessages(({ svg, width }: Drawing): Uint8Array => {
  try {
    const drawing = new Resvg(svg, { fitTo: { mode: 'width', value: width }, font });
    const rendered = drawing.render();
    const png = rendered.asPng();
    // Memory of WebAssembly is not collected.
    rendered.free();
    drawing.free();
    return png;
  } catch (error) {
    throw new Error(`a chart could not be drawn: ${messageOf(error)}`, { cause: error });
  }
});

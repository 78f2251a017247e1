import { configure } from '@testing-library/dom';
import '@testing-library/jest-dom';
import { TextDecoder, TextEncoder } from 'util';

Object.assign(globalThis, { TextDecoder, TextEncoder });

// On a busy machine an editor takes longer to load than the default of one second.
configure({ asyncUtilTimeout: 15_000 });

// React 19's scheduler wants a MessageChannel; Node's own would keep the process alive after the tests.
class MessageChannelStub {
  port1: { onmessage: ((event: { data: unknown }) => void) | null } = { onmessage: null };
  port2 = {
    postMessage: (data: unknown) => {
      setTimeout(() => this.port1.onmessage?.({ data }), 0);
    },
  };
}
Object.assign(globalThis, { MessageChannel: MessageChannelStub });

class ObserverStub {
  observe() {}
  unobserve() {}
  disconnect() {}
  takeRecords() {
    return [];
  }
}
Object.assign(globalThis, { IntersectionObserver: ObserverStub, ResizeObserver: ObserverStub });

// https://jestjs.io/docs/manual-mocks#mocking-methods-which-are-not-implemented-in-jsdom
Object.defineProperty(globalThis, 'matchMedia', {
  writable: true,
  value: (query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    dispatchEvent: () => false,
  }),
});

// jsdom draws nothing and measures nothing: Grafana's menus show their options only where they have a size.
const context = { measureText: (text: string) => ({ width: 8 * text.length }) };
HTMLCanvasElement.prototype.getContext = () => context as never;
Object.defineProperty(Element.prototype, 'getBoundingClientRect', {
  value: () => ({ width: 400, height: 400, top: 0, left: 0, bottom: 0, right: 0, x: 0, y: 0 }),
});
for (const side of ['clientWidth', 'clientHeight']) {
  Object.defineProperty(Element.prototype, side, { value: 400 });
}
Element.prototype.scrollTo = () => undefined;

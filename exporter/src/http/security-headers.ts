/** What helmet advises. The same for every answer, so it is asked once: working it out for each took as long as a cached read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** By name. Without a content security policy: answers are data, and the documentation page brings its own. */
export function securityHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  helmet({ contentSecurityPolicy: false })(
    {} as IncomingMessage,
    response as unknown as ServerResponse,
    (error) => {
      if (error !== undefined) throw error;
    },
  );
  return headers;
}

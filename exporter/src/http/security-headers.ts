/** The headers of helmet, which are the same for every response. Computed once: helmet takes as long as a cached read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Headers by name. No content security policy: responses are data, and the documentation page has its own. */
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

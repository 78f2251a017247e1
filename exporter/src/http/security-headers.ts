/** The headers of helmet, which are the same for every response. Computed once: helmet takes as long as a cached read. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
import type { Config } from '../config.js';

/**
 * Headers by name. Strict-Transport-Security only if it is asked for, because it binds a whole host name, on which other
 * services may use plain HTTP. No content security policy: responses are data, and the documentation page has its own.
 */
export function securityHeaders({
  hstsMaxAgeSeconds: maxAge,
}: Pick<Config, 'hstsMaxAgeSeconds'>): Record<string, string> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  const strictTransportSecurity = maxAge > 0 && { maxAge, includeSubDomains: false };
  helmet({ contentSecurityPolicy: false, strictTransportSecurity })(
    {} as IncomingMessage,
    response as unknown as ServerResponse,
    (error) => {
      if (error !== undefined) throw error;
    },
  );
  return headers;
}

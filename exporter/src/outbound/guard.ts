/**
 * Keeps requests that tenants may direct away from private networks (SSRF). The address is checked when the connection is
 * made, and the connection goes to the checked address, so a name that resolves differently the next time gains nothing.
 */
import { lookup as resolve, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { AllowedAddresses } from './addresses.js';

/** A request that is not made, with the reason. */
export class RefusedDestination extends Error {
  constructor(destination: string) {
    super(
      `${destination} is not allowed: it is, or resolves to, a loopback, link-local or private address; the operator of this service can allow it with OUTBOUND_ALLOW`,
    );
    this.name = 'RefusedDestination';
  }
}

/** The host of a URL, an IPv6 address without its brackets. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

type Resolve = (host: string, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

const resolveAll: Resolve = (host, done) =>
  resolve(host, { all: true, verbatim: true }, (error, addresses) => done(error, addresses));

export class OutboundGuard {
  private readonly allowed: AllowedAddresses;

  /**
   * @param allow CIDR ranges that may be reached although they are not public
   * @param resolveName for tests
   */
  constructor(
    allow: readonly string[] = [],
    private readonly resolveName: Resolve = resolveAll,
  ) {
    this.allowed = new AllowedAddresses(allow);
  }

  /** For the options of a connection: resolves a name to allowed addresses only. */
  readonly lookup: LookupFunction = (host, options, done) => {
    this.resolveName(host, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      const allowed = addresses.filter(({ address }) => this.allowed.has(address));
      const family = Number(options.family ?? 0);
      const usable = allowed.filter((found) => family === 0 || found.family === family);
      const [first] = usable;
      if (first === undefined) return done(new RefusedDestination(host), '', 0);
      if (options.all === true) done(null, usable);
      else done(null, first.address, first.family);
    });
  };

  /**
   * Checks a host that is an address; of a name, only the addresses that it has now. A name that cannot be resolved passes,
   * because the connection is checked again.
   * @throws RefusedDestination
   */
  async check(url: URL): Promise<void> {
    this.checkAddress(url);
    const host = hostOf(url);
    if (isIP(host) !== 0) return;
    const addresses = await new Promise<LookupAddress[]>((found) =>
      this.resolveName(host, (error, all) => found(error === null ? all : [])),
    );
    if (addresses.length > 0 && !addresses.some(({ address }) => this.allowed.has(address)))
      throw new RefusedDestination(host);
  }

  /** Node.js does not look up a host that is an address. @throws RefusedDestination */
  checkAddress(url: URL): void {
    const host = hostOf(url);
    if (isIP(host) !== 0 && !this.allowed.has(host)) throw new RefusedDestination(host);
  }
}

/** A real SMTP server on loopback, whose recipients may be refused. */
import { SMTPServer } from 'smtp-server';

export interface Mail {
  from: string;
  to: string[];
  /** The whole message, headers first. */
  text: string;
}

export interface MailServer {
  port: number;
  url: string;
  mails: Mail[];
  /** What a recipient is answered instead of being taken, by address: 550 for good, 450 for now. */
  refuse: Map<string, number>;
  /** No recipient is answered before it resolves. */
  silence: Promise<void>;
  close(): Promise<void>;
}

/** @param port a free one by default */
export async function startMailServer(port = 0): Promise<MailServer> {
  const mails: Mail[] = [];
  const refuse = new Map<string, number>();
  const answering = { silence: Promise.resolve() };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      const code = refuse.get(address);
      const answer = code === undefined ? null : Object.assign(new Error('not here'), { responseCode: code });
      void answering.silence.then(() => done(answer));
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  // A connection that breaks is the client's matter.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(answering, {
    port: bound,
    url: `smtp://127.0.0.1:${bound}`,
    mails,
    refuse,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}

/** Addresses that tenants may have the service connect to. */
import type { LookupAddress } from 'node:dns';
import { AllowedAddresses } from '../../src/outbound/addresses.js';
import { OutboundGuard } from '../../src/outbound/guard.js';
import { sendRequest } from '../../src/outbound/request.js';
import { startReceiver } from './receiver.js';

const nothing = new AllowedAddresses([]);

it.each([
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
  ['this host and none', ['0.0.0.0', '0.1.2.3', '::']],
  ['link-local', ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
  [
    'private',
    ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd00:ec2::254'],
  ],
  ['mapped into IPv6', ['::ffff:127.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:a9fe:a9fe', '::FFFF:10.0.0.1']],
  ['behind NAT64', ['64:ff9b::a9fe:a9fe', '64:ff9b::10.0.0.1', '64:ff9b:1::1']],
  ['in other forms of IPv4', ['::127.0.0.1', '::ffff:0:127.0.0.1', '2002:7f00:1::', '2001:0:7f00:1::']],
  [
    'multicast, reserved and documentation',
    [
      '224.0.0.1',
      '255.255.255.255',
      '240.0.0.1',
      'ff02::1',
      '192.0.2.1',
      '2001:db8::1',
      'fec0::1',
      '5f00::1',
    ],
  ],
  ['no address', ['', 'localhost', '1.2.3', '127.1']],
])('%s: not allowed', (_, addresses) => {
  expect(addresses.filter((address) => nothing.has(address))).toEqual([]);
});

it('public: allowed', () => {
  const addresses = [
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ];
  expect(addresses.filter((address) => !nothing.has(address))).toEqual([]);
});

it('ranges that the operator names are allowed, in every form, and nothing beside them', () => {
  const some = new AllowedAddresses(['10.1.0.0/16', 'fd12::/16', '127.0.0.1']);
  const asked = [
    '10.1.2.3',
    '::ffff:10.1.2.3',
    '64:ff9b::a01:203',
    'fd12::5',
    '127.0.0.1',
    '10.2.0.1',
    'fd13::1',
    '127.0.0.2',
    '::1',
  ];
  expect(asked.map((address) => some.has(address))).toEqual([
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

/** Answers the names with these addresses, one list each time, the last one for ever. */
function resolving(...answers: string[][]) {
  let asked = 0;
  return (_host: string, done: (error: Error | null, found: LookupAddress[]) => void) => {
    const addresses = answers[Math.min(asked, answers.length - 1)]!;
    asked += 1;
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

it.each([
  ['an address', 'http://127.0.0.1', []],
  ['a number', 'http://2130706433', []],
  ['a short form', 'http://127.1', []],
  ['hexadecimal', 'http://0x7f000001', []],
  ['IPv6', 'http://[::1]', []],
  ['mapped IPv6', 'http://[::ffff:127.0.0.1]', []],
  ['a name that resolves to it', 'http://internal.example.org', ['127.0.0.1']],
  ['a name that resolves to several', 'http://internal.example.org', ['10.0.0.1', '::1', '::ffff:127.0.0.1']],
])('loopback as %s is not reached', async (_, url, addresses) => {
  const receiver = await startReceiver();
  const guard = new OutboundGuard([], resolving(addresses));
  const target = new URL(`${url}:${receiver.port}`);
  await expect(sendRequest(guard, { url: target, method: 'POST' })).rejects.toThrow('OUTBOUND_ALLOW');
  expect(receiver.received).toEqual([]);
  await receiver.close();
});

it('a name that changes its address after the check is checked again when it is connected to', async () => {
  const receiver = await startReceiver();
  const guard = new OutboundGuard([], resolving(['1.1.1.1'], ['127.0.0.1']));
  const url = new URL(`http://rebinding.example.org:${receiver.port}`);
  await guard.check(url);
  await expect(sendRequest(guard, { url, method: 'POST' })).rejects.toThrow('OUTBOUND_ALLOW');
  expect(receiver.received).toEqual([]);
  await receiver.close();
});

it('of several addresses, only the allowed ones are connected to', async () => {
  const receiver = await startReceiver();
  const guard = new OutboundGuard(['127.0.0.1'], resolving(['127.0.0.2', '10.0.0.1', '127.0.0.1']));
  const url = new URL(`http://mixed.example.org:${receiver.port}/x`);
  expect(await sendRequest(guard, { url, method: 'POST', body: 'hello' })).toMatchObject({
    status: 200,
    text: 'ok',
  });
  expect(receiver.received).toMatchObject([
    { body: 'hello', headers: { host: `mixed.example.org:${receiver.port}` } },
  ]);
  await receiver.close();
});

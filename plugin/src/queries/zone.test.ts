import { ianaZone } from './zone';

describe('a dashboard’s time zone', () => {
  it('by an IANA name is that name', () => {
    expect(ianaZone('Europe/Berlin')).toBe('Europe/Berlin');
  });

  it.each(['utc', 'UTC'])('%s is UTC', (zone) => {
    expect(ianaZone(zone)).toBe('UTC');
  });

  it.each(['browser', '', undefined])('%j is the browser’s', (zone) => {
    expect(ianaZone(zone)).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
});

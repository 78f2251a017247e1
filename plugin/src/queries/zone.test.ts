import { ianaZone } from './zone';

describe('a dashboard’s time zone', () => {
  it('that is an IANA name is kept', () => {
    expect(ianaZone('Europe/Berlin')).toBe('Europe/Berlin');
  });

  it.each(['utc', 'UTC'])('%s is UTC', (zone) => {
    expect(ianaZone(zone)).toBe('UTC');
  });

  it.each(['browser', '', undefined])('%j is that of the browser', (zone) => {
    expect(ianaZone(zone)).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
});

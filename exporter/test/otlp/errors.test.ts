/** Why runs failed, in the forms in which libraries write it. */
import { errorTypeIn, errorTypeOfMessage, messageOfError } from '../../src/ingest/otlp/errors.js';

describe('the message of an error', () => {
  const FRAMES =
    'Traceback (most recent call last):\n  File "/srv/app/agent.py", line 3, in run\n    call()\n';
  it.each([
    ['is that of the exception', 'ValueError: no city', 'no city', 'no city'],
    ['is that of the exception if the status has none', '', 'no city', 'no city'],
    ['is that of the status if the exception has another', 'the tool failed', 'no city', 'the tool failed'],
    ['is that of the status if it says more', 'there is no city', 'no city', 'there is no city'],
    ['stands before a traceback', `ValueError('no city')${FRAMES}`, '', 'no city'],
    ['stands at the end of a traceback', `${FRAMES}ValueError: no city`, '', 'ValueError: no city'],
    [
      'is the last one of several',
      `${FRAMES}KeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n${FRAMES}ValueError: no city\n`,
      '',
      'ValueError: no city',
    ],
    [
      'has several lines after a traceback',
      `${FRAMES}ValidationError: 1 error\ncity\n  Field required\n`,
      '',
      'ValidationError: 1 error\ncity\n  Field required',
    ],
    ['is the class where there is no more', 'CancelledError: ', '', 'CancelledError'],
    [
      'stands before the frames of JavaScript',
      'Error: no city\n    at run (/srv/app/agent.js:3:1)\n    at /srv/x.js:1:2',
      '',
      'Error: no city',
    ],
    [
      'stands before the frames of Java',
      'java.lang.IllegalStateException: no city\n\tat app.Agent.run(Agent.java:12)\n\t... 12 more\nCaused by: java.io.IOException: io',
      '',
      'java.lang.IllegalStateException: no city\nCaused by: java.io.IOException: io',
    ],
    [
      'stands before the frames of C#',
      'System.ArgumentException: no city\n   at Agent.Run() in /src/Agent.cs:line 42\n   --- End of inner exception stack trace ---',
      '',
      'System.ArgumentException: no city',
    ],
    [
      'stands before the goroutines of Go',
      'panic: no city\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/main.go:9 +0x1d',
      '',
      'panic: no city',
    ],
    [
      'stands before the frames of Ruby',
      "no city (ArgumentError)\n\tfrom /srv/agent.rb:4:in 'run'",
      '',
      'no city (ArgumentError)',
    ],
    [
      'stands before the frames of PHP',
      'ValueError: no city\n#0 /srv/agent.php(12): run()\n#1 {main}',
      '',
      'ValueError: no city',
    ],
    [
      'stands before the frames of Python without their title',
      'ValueError: no city\n  File "/srv/agent.py", line 12, in run\n    raise ValueError(city)',
      '',
      'ValueError: no city',
    ],
    [
      'is the last one of a group',
      '  + Exception Group Traceback (most recent call last):\n  |   File "/srv/a.py", line 1, in run\n' +
        '  | ExceptionGroup: errors (1 sub-exception)\n  +-+---------------- 1 ----------------\n' +
        '    | Traceback (most recent call last):\n    |   File "/srv/b.py", line 2, in call\n' +
        '    | ValueError: no city\n    +------------------------------------',
      '',
      'ValueError: no city',
    ],
    [
      'may have several lines',
      'no city:\n  at least one is needed',
      '',
      'no city:\n  at least one is needed',
    ],
  ])('%s', (_what, status, exception, wanted) => {
    expect(messageOfError(status, exception)).toBe(wanted);
  });
});

describe('the type of an error', () => {
  it.each([
    ['openai.RateLimitError', 'openai.RateLimitError'],
    ['rate_limit_error', 'rate_limit_error'],
    ['429', '429'],
    ["<class 'ValueError'>", 'ValueError'],
    ["ValueError('no city')", 'ValueError'],
    ['ValueError: no city', 'ValueError'],
    ['The city is not known', undefined],
    ['_OTHER', undefined],
  ])('%s is read as %s', (sent, wanted) => {
    expect(errorTypeIn(sent)).toBe(wanted);
  });

  it.each([
    ['openai.RateLimitError: slow down', 'openai.RateLimitError'],
    ['Request timed out.', 'timeout'],
    ['System.Net.Http.HttpRequestException: no city', 'System.Net.Http.HttpRequestException'],
    ['Gateway Timeout', 'timeout'],
    ['the argument timeout must be positive', undefined],
    ["Unknown parameter: 'timeout'", undefined],
    ['Note: the city is not known', undefined],
  ])('is read from the message %s as %s', (message, wanted) => {
    expect(errorTypeOfMessage(message)).toBe(wanted);
  });
});

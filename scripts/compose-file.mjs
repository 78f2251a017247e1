/** Rules for docker-compose.yml and its Dockerfiles beyond the Compose specification. Each function returns problems. */

/** A tag with at least three numbers, so that the image does not change. */
const PINNED = /:v?\d+\.\d+\.\d+([-.][\w.-]+)?(@sha256:[0-9a-f]{64})?$/;
/** PostgreSQL versions only have `major.minor`. */
const PINNED_POSTGRES = /(^|\/)postgres:\d+\.\d+([-.][\w.-]+)?(@sha256:[0-9a-f]{64})?$/;
const VARIABLE = /\$(?:\$|\{(\w+)(?:(:?[-?])([^}]*))?\})/g;
const DURATION = /^(\d+(\.\d+)?(us|ms|s|m|h))+$/;
const SECRET_NAME = /PASSWORD|SECRET|TOKEN/;

export const isPinned = (image) => PINNED.test(image) || PINNED_POSTGRES.test(image);

/** A service that exits when it has finished. */
const isOneShot = (service) => service.restart === 'no';

const listOf = (services, problemsOf) =>
  Object.entries(services).flatMap(([name, service]) =>
    problemsOf(service).map((problem) => `${name}: ${problem}`),
  );

/** Every `${VARIABLE}` of the text, with its operator (`:-`, `:?`, ...) and the value after the operator. */
export function variablesIn(text) {
  return [...text.matchAll(VARIABLE)]
    .filter(([, name]) => name !== undefined)
    .map(([, name, operator, operand]) => ({ name, operator, operand }));
}

/**
 * Replaces variables as Compose does, in every string of a parsed file.
 * @throws Error for a required variable without a value
 */
export function interpolate(value, env) {
  if (Array.isArray(value)) return value.map((item) => interpolate(item, env));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, env)]));
  }
  if (typeof value !== 'string') return value;
  return value.replaceAll(VARIABLE, (whole, name, operator = '', operand = '') => {
    if (name === undefined) return '$';
    const set = env[name] !== undefined && (env[name] !== '' || !operator.startsWith(':'));
    if (set) return env[name];
    if (operator.endsWith('?')) throw new Error(`${name}: ${operand}`);
    return operand;
  });
}

/** External images are pinned, own images have the version of the workspace. */
export function imageProblems({ services }, version) {
  return listOf(services, ({ image, build }) => {
    if (build !== undefined)
      return image?.endsWith(`:${version}`) ? [] : [`its image is not tagged ${version}`];
    return isPinned(image ?? '') ? [] : [`image ${image} is not pinned`];
  });
}

/** Durations are valid. The schema accepts any string. */
export function healthcheckProblems({ services }) {
  return listOf(services, (service) => {
    const { test, interval, timeout, start_period: startPeriod } = service.healthcheck ?? {};
    const durations = [interval, timeout, startPeriod, service.stop_grace_period].filter(
      (value) => value !== undefined,
    );
    return [
      ...(isOneShot(service) || (Array.isArray(test) && test[0] !== 'NONE') ? [] : ['no health check']),
      ...durations.filter((value) => !DURATION.test(value)).map((value) => `${value} is not a duration`),
    ];
  });
}

/** No service runs as root or can gain privileges. */
export function privilegeProblems({ services }) {
  return listOf(services, ({ user, cap_drop: dropped, security_opt: options, privileged }) => [
    ...(/^(root|0)(:|$)/.test(user ?? 'root') ? ['runs as root'] : []),
    ...(dropped?.includes('ALL') ? [] : ['keeps capabilities']),
    ...(options?.includes('no-new-privileges:true') ? [] : ['may gain privileges']),
    ...(privileged ? ['is privileged'] : []),
  ]);
}

/** Ports are published on loopback only. Expects the interpolated file. */
export function portProblems({ services }) {
  return listOf(services, ({ ports = [], network_mode: mode }) => [
    ...ports
      .filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))
      .map((port) => `port ${port} is open to the network`),
    ...(mode === 'host' ? ['shares the network of the host'] : []),
  ]);
}

/** References are valid: services, networks, volumes, secrets, and host files, which are mounted read-only. */
export function referenceProblems({ services, networks = {}, volumes = {}, secrets = {} }, exists) {
  const used = { networks: new Set(), volumes: new Set(), secrets: new Set() };
  const problems = listOf(services, (service) => [
    ...Object.entries(service.depends_on ?? {}).flatMap(([name, { condition }]) => {
      const wanted =
        services[name] && isOneShot(services[name]) ? 'service_completed_successfully' : 'service_healthy';
      return condition === wanted ? [] : [`waits for ${name} with ${condition} instead of ${wanted}`];
    }),
    ...(service.networks ?? []).flatMap(
      (name) => (used.networks.add(name), name in networks ? [] : [`network ${name}?`]),
    ),
    ...(service.secrets ?? []).flatMap(
      (name) => (used.secrets.add(name), name in secrets ? [] : [`secret ${name}?`]),
    ),
    ...(service.volumes ?? []).flatMap((mount) => {
      const [source, , mode] = mount.split(':');
      if (!source.startsWith('.'))
        return (used.volumes.add(source), source in volumes ? [] : [`volume ${source}?`]);
      return [
        ...(exists(source) ? [] : [`${source} is missing`]),
        ...(mode === 'ro' ? [] : [`${source} is writable`]),
      ];
    }),
  ]);
  const unused = Object.entries({ networks, volumes, secrets }).flatMap(([kind, declared]) =>
    Object.keys(declared).filter((name) => !used[kind].has(name)),
  );
  return [...problems, ...unused.map((name) => `${name} is declared but not used`)];
}

/** The file and .env.example have the same variables, and secrets are required and have no default. */
export function variableProblems(composeText, passedOn, exampleText) {
  const example = new Map(
    [...exampleText.matchAll(/^(# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, comment, name, value]) => [
      name,
      { comment, value },
    ]),
  );
  const variables = variablesIn(composeText);
  const known = new Set([...variables.map(({ name }) => name), ...passedOn]);
  return [
    ...[...known].filter((name) => !example.has(name)).map((name) => `.env.example does not list ${name}`),
    ...[...example.keys()]
      .filter((name) => !known.has(name))
      .map((name) => `${name} of .env.example is not used`),
    ...variables.flatMap(({ name, operator }) => {
      if (!SECRET_NAME.test(name)) return [];
      const set = example.get(name)?.value ? [`.env.example has a value for ${name}`] : [];
      return operator === ':?' ? set : [...set, `${name} is a secret, but not required`];
    }),
  ];
}

/** Names of the exporter's settings, from config.ts. */
export function settingNames(configSource) {
  return new Set(
    [...configSource.matchAll(/\b(?:setting|secretSetting)(?:<.*?>)?\(\s*'([A-Z][A-Z0-9_]*)'/g)].map(
      ([, name]) => name,
    ),
  );
}

/** The exporter gets only settings that exist, and all settings can be set. Variables of its command are ignored. */
export function settingProblems(services, settings) {
  const unknown = listOf(services, ({ environment = {}, command = [] }) =>
    Object.keys(environment)
      .filter((name) => !settings.has(name) && !command.join(' ').includes(`$$${name}`))
      .map((name) => `${name} is not a setting of the exporter`),
  );
  const given = new Set(Object.values(services).flatMap(({ environment = {} }) => Object.keys(environment)));
  return [
    ...unknown,
    ...[...settings].filter((name) => !given.has(name)).map((name) => `${name} cannot be set`),
  ];
}

/**
 * A Dockerfile has several stages, pinned images, a supported Node version and a last stage that is not root. It copies
 * existing files and runs existing scripts.
 * @param {(file: string) => boolean} exists
 * @param {(workspace: string) => Record<string, string>} scriptsOf
 * @param {string[]} workspaces their manifests must be copied, because `npm ci` compares all of them with the lock file
 */
export function dockerfileProblems(text, exists, scriptsOf, workspaces) {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  const stages = lines.flatMap((line) => /^FROM (\S+)(?: AS (\S+))?/.exec(line)?.slice(1, 3) ?? []);
  const names = new Set(stages.filter((_, index) => index % 2 === 1));
  const images = stages.filter((stage, index) => index % 2 === 0 && !names.has(stage));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const user = last.findLast((line) => line.startsWith('USER '))?.slice(5);
  return [
    ...(stages.length / 2 > 1 ? [] : ['has a single stage']),
    ...images.filter((image) => !isPinned(image)).map((image) => `${image} is not pinned`),
    ...images
      .filter((image) => image.startsWith('node:') && !image.startsWith('node:24.'))
      .map((image) => `${image} is not Node 24`),
    ...(user === undefined || /^(root|0)\b/.test(user) ? ['its last stage runs as root'] : []),
    ...lines.flatMap((line) => {
      const [, sources] = /^COPY (?!--from)(?:--\S+ )*(.+) \S+$/.exec(line) ?? [];
      return (sources?.split(' ') ?? [])
        .filter((source) => !exists(source))
        .map((source) => `${source} is missing`);
    }),
    ...[...text.matchAll(/npm run (\S+) --workspace (\S+)/g)].flatMap(([, script, workspace]) =>
      scriptsOf(workspace)[script] === undefined ? [`${workspace} has no script ${script}`] : [],
    ),
    ...workspaces
      .filter(
        (workspace) =>
          text.includes('npm ci') && !lines.includes(`COPY ${workspace}/package.json ${workspace}/`),
      )
      .map((workspace) => `the manifest of ${workspace} is not copied`),
  ];
}

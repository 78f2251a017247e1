/** For `transformIgnorePatterns`: everything in node_modules but these packages, which ship ES modules only. */
export const nodeModulesToTransform = (moduleNames) => `node_modules/(?!.*(${moduleNames.join('|')})/.*)`;

/** Packages that Grafana's libraries bring and that Jest cannot load untransformed. */
export const grafanaESModules = [
  '@grafana/schema',
  '@react-hookz/web',
  '@ver0/deep-equal',
  '@wojtekmaj/date-utils',
  'd3',
  'd3-color',
  'd3-force',
  'd3-interpolate',
  'd3-scale-chromatic',
  'get-user-locale',
  'marked',
  'memoize',
  'mimic-function',
  'ol',
  'react-calendar',
  'react-colorful',
  'rxjs',
  'uuid',
];

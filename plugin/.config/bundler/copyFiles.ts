import { getPackageJson, getPluginJson } from './utils.ts';

const { version } = getPackageJson();
const { id } = getPluginJson();

/** Fills the placeholders of plugin.json and the README. */
function fillPlaceholders(content: Buffer): string {
  return (
    content
      .toString('utf8')
      .replace(/%VERSION%/g, version)
      .replace(/%TODAY%/g, new Date().toISOString().substring(0, 10))
      .replace(/%PLUGIN_ID%/g, id)
      // The repository shows the pictures from the sources, Grafana from where it serves the plugin.
      .replaceAll('](src/img/', `](/public/plugins/${id}/img/`)
  );
}

export const copyFilePatterns = [
  { from: 'plugin.json', to: '.', transform: fillPlaceholders },
  { from: '../README.md', to: '.', transform: fillPlaceholders },
  { from: '../CHANGELOG.md', to: '.' },
  { from: '../../LICENSE', to: '.', noErrorOnMissing: true },
  { from: 'dashboards/*.json', to: '.', noErrorOnMissing: true },
  { from: 'img/*', to: '.' },
];

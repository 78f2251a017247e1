import CopyWebpackPlugin from 'copy-webpack-plugin';
import path from 'path';
import process from 'process';
import TerserPlugin from 'terser-webpack-plugin';
import webpack, { type Configuration } from 'webpack';
import { SubresourceIntegrityPlugin } from 'webpack-subresource-integrity';
import VirtualModulesPlugin from 'webpack-virtual-modules';

import { BuildModeWebpackPlugin } from './BuildModeWebpackPlugin.ts';
import { DIST_DIR, SOURCE_DIR } from '../bundler/constants.ts';
import { copyFilePatterns } from '../bundler/copyFiles.ts';
import { externals } from '../bundler/externals.ts';
import { getCPConfigVersion, getPackageJson, getPluginJson } from '../bundler/utils.ts';

const pluginJson = getPluginJson();
const sources = path.resolve(process.cwd(), SOURCE_DIR);

// Grafana may serve the plugin from a sub path or a CDN: chunks are loaded from wherever module.js came from.
const virtualPublicPath = new VirtualModulesPlugin({
  'node_modules/grafana-public-path.js': `
import amdMetaModule from 'amd-module';

__webpack_public_path__ =
  amdMetaModule && amdMetaModule.uri
    ? amdMetaModule.uri.slice(0, amdMetaModule.uri.lastIndexOf('/') + 1)
    : 'public/plugins/${pluginJson.id}/';
`,
});

export type Env = {
  [key: string]: true | string | Env;
};

const config = (env: Env): Configuration => ({
  cache: {
    type: 'filesystem',
    buildDependencies: {
      config: [path.resolve(process.cwd(), '.config', 'webpack', 'webpack.config.ts')],
    },
  },
  context: sources,
  devtool: env.production ? 'source-map' : 'eval-source-map',
  entry: { module: './module.ts' },
  externals,
  mode: env.production ? 'production' : 'development',
  module: {
    rules: [
      // This must come first in the rules array otherwise it breaks sourcemaps.
      {
        test: /src\/(?:.*\/)?module\.tsx?$/,
        use: [{ loader: 'imports-loader', options: { imports: 'side-effects grafana-public-path' } }],
      },
      {
        exclude: /(node_modules)/,
        test: /\.[tj]sx?$/,
        use: {
          loader: 'swc-loader',
          options: {
            jsc: {
              target: 'es2021',
              transform: { react: { runtime: 'automatic' } },
              parser: { syntax: 'typescript', tsx: true, decorators: false, dynamicImport: true },
            },
          },
        },
      },
    ],
  },
  optimization: {
    minimize: Boolean(env.production),
    minimizer: [
      new TerserPlugin({
        terserOptions: {
          format: {
            comments: (_, { type, value }) =>
              type === 'comment2' && value.trim().startsWith('[create-plugin]'),
          },
          compress: { drop_console: ['log', 'info'] },
        },
        extractComments: false,
      }),
    ],
  },
  output: {
    clean: true,
    filename: '[name].js',
    chunkFilename: env.production ? '[name].js?_cache=[contenthash]' : '[name].js',
    library: { type: 'amd' },
    path: path.resolve(process.cwd(), DIST_DIR),
    publicPath: `public/plugins/${pluginJson.id}/`,
    uniqueName: pluginJson.id,
    crossOriginLoading: 'anonymous',
  },
  plugins: [
    new BuildModeWebpackPlugin(),
    virtualPublicPath,
    new webpack.BannerPlugin({
      banner: `/* [create-plugin] version: ${getCPConfigVersion()} */
          /* [create-plugin] plugin: ${pluginJson.id}@${getPackageJson().version} */`,
      raw: true,
      entryOnly: true,
    }),
    new CopyWebpackPlugin({ patterns: copyFilePatterns }),
    new SubresourceIntegrityPlugin({ hashFuncNames: ['sha256'] }),
  ],
  resolve: {
    extensions: ['.js', '.jsx', '.ts', '.tsx'],
    unsafeCache: true,
  },
});

export default config;

/** Mounts the files of routes/ at the paths that they are named as. */
import { type App, type RouteContext } from './context.js';

/** The routes of `routes/analytics/` answer under each of these. Only the first is documented. */
export const ANALYTICS_PREFIXES = ['/api/v1/analytics', '/analytics', '/api/analytics'] as const;

const ANALYTICS_FOLDER = 'analytics/';

/** What a file of routes/ exports. */
export type RouteFile = (app: App, context: RouteContext) => void;

/** @param files by name, relative to routes/ and without its extension */
export async function mountRoutes(
  app: App,
  { files, context }: { files: Readonly<Record<string, RouteFile>>; context: RouteContext },
): Promise<void> {
  const names = Object.keys(files);
  const isAnalytics = (name: string): boolean => name.startsWith(ANALYTICS_FOLDER);
  for (const name of names.filter((one) => !isAnalytics(one))) {
    await app.register(plugin(name, files[name]!, context));
  }
  if (!context.config.analyticsEnabled) return;
  for (const prefix of ANALYTICS_PREFIXES) {
    await app.register(
      async (scope: App) => {
        if (prefix !== ANALYTICS_PREFIXES[0]) {
          scope.addHook('onRoute', (route) => {
            route.schema = { ...route.schema, hide: true };
          });
        }
        for (const name of names.filter(isAnalytics)) {
          await scope.register(plugin(name.slice(ANALYTICS_FOLDER.length), files[name]!, context));
        }
      },
      { prefix },
    );
  }
}

/** @param path the path of every route in the file, without its parameters */
function plugin(path: string, file: RouteFile, context: RouteContext) {
  return async (scope: App): Promise<void> => {
    scope.addHook('onRoute', ({ url, prefix }) => {
      const named = url.slice(prefix.length + 1).replace(/\/:[^/]+/g, '');
      if (named !== path)
        throw new Error(`the route ${url} must stand in a file named ${named}.ts, not ${path}.ts`);
    });
    file(scope, context);
  };
}

import type { Express } from "express";

type Layer = { route?: { path: string | string[]; methods: Record<string, boolean> }; handle: { stack?: Layer[] } };

/** The path of every page or form of the application, as its routers declare it. */
export function routesOf(app: Express, method: "get" | "post"): string[] {
  const walk = (layers: Layer[]): string[] =>
    layers.flatMap(({ route, handle }) => (route ? (route.methods[method] ? route.path : []) : handle.stack ? walk(handle.stack) : []));
  return [...new Set(walk((app.router as unknown as { stack: Layer[] }).stack))];
}

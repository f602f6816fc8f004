import { expect } from "chai";
import { drawPicture } from "../../src/format/picture.js";
import { recognise } from "../../src/format/recognise.js";

export type Point = readonly [x: number, y: number];

export const draw = (file: Uint8Array) => drawPicture(file, recognise(file));

export function svgOf(file: Uint8Array): string {
  const picture = draw(file);
  expect(picture).to.include({ mediaType: "image/svg+xml", extension: "svg" });
  return new TextDecoder().decode(picture!.bytes);
}

export const paths = (svg: string, name: string): string[] =>
  [...svg.matchAll(/<path class="(\w+)" d="([^"]*)"/g)].filter((match) => match[1] === name).map((match) => match[2]!);

/** The corners of a trace, in millimetres; pairs of numbers are relative to the last one. */
export function points(path: string): Point[] {
  const numbers = [...path.matchAll(/-?(?:\d+\.?\d*|\.\d+)/g)].map(([number]) => Number(number));
  let [x, y] = [0, 0];
  return Array.from({ length: numbers.length / 2 }, (_, index) => {
    x += numbers[2 * index]!;
    y += numbers[2 * index + 1]!;
    return [x, y] as const;
  });
}

export const traces = (svg: string): Point[][] => paths(svg, "trace").map(points);
export const labels = (svg: string): string[] =>
  [...svg.matchAll(/<text class="lead"[^>]*>([^<]*)</g)].map(([, name]) => name!);

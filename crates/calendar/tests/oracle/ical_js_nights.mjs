// Prints the nights that npm ical.js reads from files.
//
// Input: JSON {"bodies": [text]}. Output: JSON, for each body the sorted list of [start, end) as ISO dates.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`);
const { default: ICAL } = await import(pathToFileURL(require.resolve("ical.js")));

const nights = (body) =>
  new ICAL.Component(ICAL.parse(body))
    .getAllSubcomponents("vevent")
    .map((component) => new ICAL.Event(component))
    .map((event) => [event.startDate.toString().slice(0, 10), event.endDate.toString().slice(0, 10)])
    .sort();

const { bodies } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(bodies.map(nights)));

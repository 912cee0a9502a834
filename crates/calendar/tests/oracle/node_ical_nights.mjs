// Prints the nights that npm node-ical reads from files.
//
// Input: JSON {"bodies": [text]}. Output: JSON, for each body the sorted list of [start, end) as ISO dates.
// A DATE becomes local midnight of this machine, so that its local parts are asked for, never UTC.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.cwd()}/`);
const ical = require("node-ical");

const two = (number) => String(number).padStart(2, "0");
const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const nights = (body) =>
  Object.values(ical.sync.parseICS(body))
    .filter((component) => component.type === "VEVENT")
    .map((event) => [day(event.start), day(event.end)])
    .sort();

const { bodies } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(bodies.map(nights)));

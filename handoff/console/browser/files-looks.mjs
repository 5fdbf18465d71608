export { looks as scenarios } from "./files.mjs";

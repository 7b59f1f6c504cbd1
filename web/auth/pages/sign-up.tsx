export { Registration as default } from "../registration";

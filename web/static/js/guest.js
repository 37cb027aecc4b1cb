/* Forms of who has no account: signatures by hand and rows of tables; files go along with the form, nothing is kept. */
import { rows } from "./form-rows.js";
import { signatures } from "./form-signatures.js";

rows();
signatures();

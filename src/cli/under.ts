import { Option } from "@commander-js/extra-typings";

import { checkRecordId } from "../chain/ids.js";

/** The list that names a record which was added with others. */
export const underOption = () =>
  new Option(
    "--under <record>",
    "id of the list that names it, if it was added with others (--each); not needed on your own chart",
  ).argParser(checkRecordId);

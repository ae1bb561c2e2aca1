// What the chain says joined with what the rows say, asked for by GraphQL like the tables. A view is computed when it is
// asked, so it is right after a reorganisation as soon as Ponder's tables are. What is not there yet is null.
import * as contributions from "./contributions.ts"
import * as participants from "./participants.ts"
import * as qualities from "./qualities.ts"
import * as reported from "./reported.ts"

export { viewStatements } from "./view.ts"

export const views = { ...reported, ...participants, ...contributions, ...qualities }

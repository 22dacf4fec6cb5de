import "./app.js";
import "./imports.js";

// Downloads a model with @huggingface/hub: get.mjs REPO [FILE...]
import { snapshotDownload, downloadFileToCacheDir } from "@huggingface/hub";
const [name, ...files] = process.argv.slice(2);
const where = { repo: { type: "model", name }, hubUrl: process.env.HF_ENDPOINT, cacheDir: process.env.HF_HUB_CACHE };
if (files.length === 0) console.log(await snapshotDownload(where));
for (const path of files) console.log(await downloadFileToCacheDir({ ...where, path }));

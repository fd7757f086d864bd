"""The script of the page: finds the shard of a key, as clients do, and says and shows it."""

from typing import Final

SCRIPT: Final = """\
"use strict";
const field = document.getElementById("key");
const answer = document.getElementById("answer");
const caches = [...document.querySelectorAll("[data-slots]")].map((item) => ({
  name: item.dataset.name,
  key: item.dataset.cache,
  shards: item.dataset.slots.split(";").map((part) => part.split(",").map((range) => range.split("-").map(Number))),
}));
function slotOf(key) {
  let bytes = new TextEncoder().encode(key);
  const open = bytes.indexOf(123);
  const close = open < 0 ? -1 : bytes.indexOf(125, open + 1);
  if (close > open + 1) bytes = bytes.slice(open + 1, close);
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % 16384;
}
function find() {
  for (const item of document.querySelectorAll(".hit")) item.classList.remove("hit");
  if (field.value === "") {
    answer.textContent = "";
    return;
  }
  const slot = slotOf(field.value);
  const found = caches.map((cache) => {
    const shard = cache.shards.findIndex((ranges) => ranges.some(([first, last]) => first <= slot && slot <= last));
    if (shard < 0) return `${cache.name}: no shard has it`;
    for (const picture of document.querySelectorAll("svg")) {
      const shown = picture.querySelectorAll(`[data-of="${cache.key}"] > .cell, [data-first="${cache.key}"]`);
      if (shown[shard]) shown[shard].classList.add("hit");
    }
    return `shard ${shard + 1} of ${cache.shards.length}${caches.length > 1 ? ` of ${cache.name}` : ""}`;
  });
  answer.textContent = `Slot ${slot}: ${found.join("; ")}`;
}
field.addEventListener("input", find);
"""

"use client";

/** A page that threw: the rail and everything in it goes on. */
export { default } from "../../error";
